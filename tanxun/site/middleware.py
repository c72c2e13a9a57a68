"""Seven rules: forwarded headers from our proxies alone, no detour to https for programs, the site's language unless chosen, no
cache for people signed in, pages sent small, no verb that the site does not know, and no password without end."""

from django.conf import settings
from django.http import HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _

from tanxun.listing.answers import refused
from tanxun.listing.bearer import is_api, is_program, language_of

from .visitors import address


class TrustedProxyMiddleware:
    """Believes X-Forwarded-For, X-Forwarded-Proto and X-Request-ID only when a proxy listed in TRUSTED_PROXIES sent them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        trusted = set(map(address, settings.TRUSTED_PROXIES)) - {""}
        chain = [address(text) for text in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if text.strip()]
        if address(request.META.get("REMOTE_ADDR", "")) not in trusted:
            for name in ("FORWARDED_FOR", "FORWARDED_PROTO", "FORWARDED_HOST", "FORWARDED_PORT", "REQUEST_ID"):
                request.META.pop(f"HTTP_X_{name}", None)
        elif chain:
            # From the right: the last address that is no proxy of ours is the one that asked. Where a proxy says what is no
            # address, nobody knows who asked, and what stands before it is the visitor's own: it stays the proxy's.
            asked = next((found for found in reversed(chain) if found not in trusted), chain[0])
            request.META["REMOTE_ADDR"] = asked or request.META["REMOTE_ADDR"]
        return self.get_response(request)


class NoDetourMiddleware:
    """Stands before Django's SecurityMiddleware, which leads to https whoever comes by http. A program is refused: led on, it
    would send its token in the clear for ever, and nobody would notice.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_detour = response.status_code == 301 and not request.is_secure() and response["Location"].startswith("https://")
        if not is_detour or not is_program(request):
            return response
        answer = refused(403, _("Ask by https."))
        for name in response.headers.keys() - answer.headers.keys() - {"Location"}:
            answer[name] = response[name]
        return answer


class ChosenLanguageMiddleware:
    """Chinese first: the language that the visitor chose (cookie), else LANGUAGE_CODE; the browser's wish is not asked. A
    program has no cookie: it names its language in every request.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        by_header = is_program(request)
        chosen = language_of(request) if by_header else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        known = dict(settings.LANGUAGES)
        with translation.override(chosen if chosen in known else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
            patch_vary_headers(response, ("Cookie", "Authorization", "Accept-Language") if by_header else ("Cookie",))
            return response


class PrivateCacheMiddleware:
    """Pages of signed-in people are private and not stored, unless they say themselves how long they hold."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class SmallPagesMiddleware(GZipMiddleware):
    """Pages are compressed for who takes that, to a tenth; files go as they are written, or are compressed themselves.

    Django masks its tokens anew in every page and adds random bytes, so that the size tells nothing of what a page holds.
    """

    def process_response(self, request, response):
        is_page = response.get("Content-Type", "").startswith("text/html") and not response.streaming
        return super().process_response(request, response) if is_page else response


class LongPasswordsMiddleware:
    """What nobody types is refused before any form looks at it: hashing a password, and the rules for it, cost by its length."""

    longest = 4096

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # Who reads their form themselves (uploads as they come) must find it unread; there are no passwords in it.
        if request.method != "POST" or is_api(request) or getattr(view, "csrf_exempt", False):
            return None
        from .views import password_too_long

        given = (text for name, texts in request.POST.lists() if "password" in name for text in texts)
        return password_too_long(request) if any(len(text) > self.longest for text in given) else None


class KnownVerbsMiddleware:
    """Pages are read by GET and act by POST: views that know a GET and a POST would take any other verb for one of them. The
    API answers for itself.
    """

    verbs = ("GET", "HEAD", "POST")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in self.verbs or is_api(request):
            return self.get_response(request)
        return HttpResponseNotAllowed(self.verbs)
