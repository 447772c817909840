"""The proxies that are compared, each with a configuration that says the same in its own words."""

import os
import pathlib
import shutil
import subprocess
import tempfile

from process import Process, free_port, wait_for

NGINX_CONF = """
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile {files};
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections {connections}; }}
http {{
  access_log {access_log};
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  client_max_body_size 64m;
  client_body_buffer_size 4m;
  keepalive_requests 1000000000;
  upstream provider {{
    server 127.0.0.1:{provider};
    keepalive 256;
    keepalive_requests 1000000000;
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096 {listen};
    {certificate}
    location / {{
      proxy_pass {scheme}://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
      proxy_read_timeout 600s;
    }}
  }}
}}
"""

RELAY_TOML = """
[server]
listen = "127.0.0.1:{port}"
workers = 1
max_connections = {connections}
[server.auth]
api_key = "bench-relay-key"
{certificate}
{settings}
[logging]
level = "info"
format = "json"
output = "{dir}/relay.log"
[[providers]]
name = "bench"
{provider_type}
base_url = "{scheme}://127.0.0.1:{provider}{path}"
{ca}
[[providers.keys]]
key = "bench-provider-key"
"""


# Lines of configuration and what base_url ends in, by the dialect of the provider. `openai` is the
# profile of who made that API; at an unknown address it would be the one with the fewest fields.
PROVIDERS = {
    "anthropic": ('type = "anthropic"', ""),
    "chat": ('type = "openai"\napi = "chat"\nprofile = "openai"', "/v1"),
    "responses": ('type = "openai"\napi = "responses"\nprofile = "openai"', "/v1"),
    "gemini": ('type = "gemini"', ""),
}


class Way:
    """What is spoken: to the proxy `front` (plain, tls or h2c), TLS to the provider or not, and the
    dialects of client (anthropic or chat) and provider."""

    def __init__(self, front="plain", upstream_tls=False, client="anthropic", provider="anthropic"):
        self.front = front
        self.upstream_tls = upstream_tls
        self.client = client
        self.provider = provider

    def load(self):
        """What bench_load has to know of it."""
        options = {"tls": {"tls": 1}, "h2c": {"h2": 1}}.get(self.front, {})
        return options if self.client == "anthropic" else {**options, "dialect": self.client}

    @property
    def scheme(self):
        return "https" if self.upstream_tls else "http"


class Proxies:
    """Starts proxies before a provider. `builds` are the cc-relays by the name of their side."""

    def __init__(self, directory, provider_ports, core, files, held, builds, nginx_logs):
        self.directory = directory
        self.provider_ports = provider_ports  # by scheme
        self.core = core
        self.files = files
        self.connections = 2 * held + 1000
        self.builds = builds
        self.nginx_logs = nginx_logs

    def start(self, side, way=None, wrapper=(), settings=""):
        way = way or Way()
        place = pathlib.Path(tempfile.mkdtemp(dir=self.directory))
        port = free_port()
        if side == "nginx":
            command = self._nginx(place, port, way, wrapper)
        else:
            command = self._relay(side, place, port, way, settings)
        proxy = Process(
            [*wrapper, *command],
            self.core,
            stdout=subprocess.DEVNULL,
            stderr=open(place / "stderr", "w"),
            env={"PATH": os.environ["PATH"], "HOME": str(place)},
        )
        proxy.ready_ms = wait_for(proxy, port)
        proxy.port = port
        proxy.place = place
        proxy.way = way
        return proxy

    def _nginx(self, place, port, way, wrapper):
        cert, key = self.directory / "cert.pem", self.directory / "key.pem"
        conf = place / "nginx.conf"
        conf.write_text(
            NGINX_CONF.format(
                dir=place,
                port=port,
                provider=self.provider_ports[way.scheme],
                scheme=way.scheme,
                listen={"plain": "", "tls": "ssl", "h2c": "http2"}[way.front],
                certificate=f"ssl_certificate {cert}; ssl_certificate_key {key};"
                if way.front == "tls"
                else "",
                user="user root;" if os.geteuid() == 0 else "",
                files=self.files,
                connections=self.connections,
                access_log=f"{place}/access.log" if self.nginx_logs else "off",
            )
        )
        command = [nginx_program(), "-e", f"{place}/error.log", "-c", conf]
        # One process: under a wrapper only one can be looked at.
        return [*command, "-g", "master_process off;"] if wrapper else command

    def _relay(self, side, place, port, way, settings):
        cert, key = self.directory / "cert.pem", self.directory / "key.pem"
        conf = place / "config.toml"
        provider_type, path = PROVIDERS[way.provider]
        conf.write_text(
            RELAY_TOML.format(
                dir=place,
                port=port,
                provider=self.provider_ports[way.scheme],
                provider_type=provider_type,
                path=path,
                scheme=way.scheme,
                connections=self.connections,
                settings=settings.format(dir=place),
                certificate=f'[server.tls]\ncert_file = "{cert}"\nkey_file = "{key}"'
                if way.front == "tls"
                else "",
                ca=f'ca_file = "{cert}"' if way.upstream_tls else "",
            )
        )
        return [self.builds[side], "serve", "--config", conf]


def nginx_program():
    return shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
