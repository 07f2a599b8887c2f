from django.urls import path

from products.catalogue import views

PREFIX = "catalogue/"
urlpatterns = [
    path("items/", views.ItemList.as_view(), name="items"),
    path("items/create-skus/", views.CreateSkus.as_view(), name="create_skus"),
    path("items/<int:pk>/", views.ItemPage.as_view(), name="item"),
    path("items/<int:pk>/map/", views.map_item, name="map"),
    path("skus/", views.SkuList.as_view(), name="skus"),
    path("skus/<int:pk>/", views.SkuPage.as_view(), name="sku"),
]
