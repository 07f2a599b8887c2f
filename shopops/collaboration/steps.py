from shopops.collaboration.cleaning import ensure_cleaning
from shopops.collaboration.following import tell_followers

EACH_MINUTE = [ensure_cleaning, tell_followers]
