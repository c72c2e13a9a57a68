"""allauth's rows under our own names, for the admin: proxies alone, so that this app has no tables."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.utils.translation import gettext_lazy as _


class SecondFactor(Authenticator):
    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("second factor"), _("second factors")

    def __str__(self):
        return str(self.user)


class JoinedAccount(SocialAccount):
    class Meta:
        proxy = True
        verbose_name, verbose_name_plural = _("joined account"), _("joined accounts")

    def __str__(self):
        return str(self.user)
