from products.orders.imports import ensure_jobs

EACH_MINUTE = [ensure_jobs]
