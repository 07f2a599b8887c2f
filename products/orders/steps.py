from products.orders.cleaning import ensure_cleaning
from products.orders.watching import ensure_jobs

EACH_MINUTE = [ensure_jobs, ensure_cleaning]
