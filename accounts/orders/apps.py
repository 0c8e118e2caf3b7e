from django.apps import AppConfig


class OrdersConfig(AppConfig):
    name = "accounts.orders"
    label = "orders"
