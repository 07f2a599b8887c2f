from products.orders.following import AfterImport, Stage
from products.sales import readying
from products.sales.refresh import each_minute, refresh_all

AFTER_IMPORT = [AfterImport(Stage.ROLLUPS, refresh_all), AfterImport(Stage.LATER, readying.make_ready)]
EACH_MINUTE = [each_minute, readying.each_minute]
