from django.apps import AppConfig


class VoiceConfig(AppConfig):
    name = "accounts.voice"
    label = "voice"
