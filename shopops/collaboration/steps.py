from shopops.collaboration.cleaning import ensure_cleaning

EACH_MINUTE = [ensure_cleaning]
