from products.orders.watching import ensure_jobs

EACH_MINUTE = [ensure_jobs]
