from products.orders.following import AfterImport, Stage
from products.sales.refresh import each_minute, refresh_all

AFTER_IMPORT = [AfterImport(Stage.ROLLUPS, refresh_all)]
EACH_MINUTE = [each_minute]
