"""What each column and each file is: time, id, target, covariate, or left out."""
