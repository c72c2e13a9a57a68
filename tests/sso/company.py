"""A company's OpenID Connect server on loopback: discovery, authorize, token with a signed identity token, keys, userinfo.

It holds the caller to the rules (redirect address, PKCE, secret, each code once), and breaks them itself where a test asks:
`lies` changes the claims of the identity token, `says` those of userinfo, `sign` replaces how it signs; while it `hangs` (an
event) it takes every question and answers none.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "tanxun", "not a secret"


class Company:
    def __init__(self):
        import jwt
        from cryptography.hazmat.primitives.asymmetric import rsa

        self.key, self.stranger = (rsa.generate_private_key(65537, 2048) for _each in range(2))
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        self.jwks = {"keys": [public | {"kid": "one", "use": "sig", "alg": "RS256"}]}
        self.person = {
            "sub": "u-1",
            "preferred_username": "li.si",
            "name": "李四",
            "email": "li@example.com",
            "email_verified": True,
        }
        self.lies, self.says, self.sign = {}, {}, self.signed
        self.codes, self.asked, self.is_down, self.called = {}, [], False, ""
        self.hangs = None

    def __enter__(self):
        handler = type("Handler", (Handler,), {"company": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self.server.shutdown()
        self.server.server_close()

    def signed(self, claims, key=None, **header):
        import jwt

        return jwt.encode(claims, key or self.key, algorithm="RS256", headers={"kid": "one"} | header)

    def discovery(self):
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys", "userinfo_endpoint": "me"}
        methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        return {"issuer": self.called or self.url} | methods | {name: f"{self.url}/{path}" for name, path in names.items()}

    def authorize(self, asked):
        """Where the browser is sent back to; nobody types a password here. Raises AssertionError for what no server takes."""
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert {"openid", "email", "profile"} <= set(asked["scope"].split())
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked):
        """(status, answer). A code is good once, for who knows the word behind its challenge."""
        held = self.codes.pop(asked.get("code", ""), None)
        proof = base64.urlsafe_b64encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if (
            not held
            or held["code_challenge"] != proof
            or asked["redirect_uri"] != held["redirect_uri"]
            or (asked["client_id"], asked["client_secret"]) != (CLIENT, SECRET)
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": held["nonce"]} | self.person | self.lies
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.sign(claims)}


class Handler(BaseHTTPRequestHandler):
    company: Company

    def do_GET(self):
        place = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(place.query).items()}
        self.company.asked.append(place.path)
        if self.company.hangs:
            self.company.hangs.wait()
            return None
        if self.company.is_down:
            return self.answer(500, {"error": "down"})
        if place.path == "/authorize":
            self.send_response(302)
            self.send_header("Location", self.company.authorize(asked))
            self.send_header("Content-Length", "0")
            return self.end_headers()
        pages = {
            "/.well-known/openid-configuration": self.company.discovery,
            "/keys": lambda: self.company.jwks,
            "/me": lambda: self.company.person | self.company.says,
        }
        return self.answer(200, pages[place.path]()) if place.path in pages else self.answer(404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.company.asked.append(self.path)
        return self.answer(*self.company.token({name: values[0] for name, values in parse_qs(body).items()}))

    def answer(self, status, data):
        text = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_words):
        """Quiet."""


@contextmanager
def settled_with(settings):
    """A running server, and a site whose settings name it."""
    from django.core.cache import cache

    with Company() as company:
        name_in(settings, company)
        yield company
    cache.clear()


def name_in(settings, company):
    from tanxun.site import sso

    settings.SSO_URL = company.url
    settings.SOCIALACCOUNT_PROVIDERS = sso.providers(company.url, CLIENT, SECRET)
