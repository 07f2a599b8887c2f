from products.orders.telling import tell_of_imports, tell_of_overdue
from products.orders.watching import ensure_jobs

EACH_MINUTE = [ensure_jobs, tell_of_imports, tell_of_overdue]
