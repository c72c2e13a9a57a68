"""nginx by the shipped deploy/nginx.conf, with a certificate of its own: for tests behind it, and for slow connections."""

import os
import re
import socket
import ssl
import subprocess
import time
from contextlib import closing
from functools import cached_property
from pathlib import Path

from tests.running import ROOT, free_port

NAME = "tanxun.example"


class Proxy:
    """nginx as shipped, on free ports before the site on `port`; its files in `folder`, logs too."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.plain, self.secure = free_port(), free_port()

    def shipped(self) -> str:
        """Our file, with a certificate, on ports of its own."""
        make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
        make += ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "fullchain.pem"]
        subprocess.run(make, cwd=self.folder, check=True, capture_output=True)
        text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
        text = text.replace("/etc/ssl/tanxun", str(self.folder)).replace("/var/log/nginx", str(self.folder))
        text = re.sub(r"listen 80\b", f"listen 127.0.0.1:{self.plain}", text)
        return re.sub(r"listen 443\b", f"listen 127.0.0.1:{self.secure}", text).replace(":8000", f":{self.port}")

    def start(self) -> "Proxy":
        (self.folder / "tanxun.conf").write_text(self.shipped(), encoding="utf-8")
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        own = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        user = "user root;" if os.geteuid() == 0 else ""
        whole = f"{user} worker_processes 2; daemon off; pid {self.folder}/pid; error_log {self.folder}/error.log;"
        own += f"access_log {self.folder}/access.log;"  # as Debian does
        whole += f"events {{ worker_connections 1024; }} http {{ {own} include {self.folder}/tanxun.conf; }}"
        (self.folder / "nginx.conf").write_text(whole, encoding="utf-8")
        self.process = subprocess.Popen(["nginx", "-p", str(self.folder), "-c", "nginx.conf", "-e", f"{self.folder}/error.log"])
        try:
            return self.up()
        except BaseException:
            self.stop()
            raise

    def up(self) -> "Proxy":
        for _try in range(100):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", self.secure)) == 0:
                    return self
            time.sleep(0.1)
        raise AssertionError((self.folder / "error.log").read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)

    def connect(self, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """A connection by TLS, from that address of this machine."""
        plain = socket.create_connection(("127.0.0.1", self.secure), 20, source_address=(source, 0))
        return self.context.wrap_socket(plain, server_hostname=NAME)

    @cached_property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))
