"""The suite's HTTP and WebSocket servers for one run: wptserve and pywebsocket3 on free ports of the loopback interface.

    serve.py SUITE WORKDIR

WORKDIR gets the certificates. Once everything listens, one line of JSON goes to standard output: the ports by protocol and the authority's
certificate. The servers end with standard input.
"""

import importlib.util
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import types

from wptserve import server, stash
from wptserve.config import ConfigBuilder
from wptserve.handlers import StringHandler
from wptserve.router import any_method
from wptserve import handlers

HOST = "web-platform.test"
ALTERNATIVE = "not-web-platform.test"
SUBDOMAINS = {"www", "www1", "www2", "天気の良い日", "élève"}
LOOPBACK = "127.0.0.1"
PROTOCOLS = {"http": 2, "https": 2, "ws": 1, "wss": 1, "h2": 1}


def free_ports():
    """As many free ports as are needed, all reserved until all are known."""
    sockets = {name: [socket.socket() for _ in range(count)] for name, count in PROTOCOLS.items()}
    for group in sockets.values():
        for one in group:
            one.bind((LOOPBACK, 0))
    ports = {name: [one.getsockname()[1] for one in group] for name, group in sockets.items()}
    for group in sockets.values():
        for one in group:
            one.close()
    return ports


def make_certificates(directory):
    """An authority of this run, and a certificate of it for all names of the suite."""
    names = [HOST, ALTERNATIVE]
    names += [f"{label.encode('idna').decode()}.{host}" for host in (HOST, ALTERNATIVE) for label in sorted(SUBDOMAINS)]
    path = lambda name: os.path.join(directory, name)
    with open(path("leaf.ext"), "w") as file:
        file.write("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\nsubjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\n")
    run = lambda *command: subprocess.run(("openssl",) + command, check=True, capture_output=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    run("req", "-x509", *key, "-keyout", path("ca.key"), "-out", path("ca.pem"), "-days", "2", "-subj", "/CN=wpt authority",
        "-addext", "basicConstraints=critical,CA:TRUE")
    run("req", *key, "-keyout", path("leaf.key"), "-out", path("leaf.csr"), "-subj", f"/CN={HOST}")
    run("x509", "-req", "-in", path("leaf.csr"), "-CA", path("ca.pem"), "-CAkey", path("ca.key"), "-CAcreateserial",
        "-out", path("leaf.pem"), "-days", "2", "-extfile", path("leaf.ext"))
    return path("ca.pem"), path("leaf.key"), path("leaf.pem")


def provide_tools():
    """`tools.wpt.utils.load_source`, which some handlers of the suite import."""

    def load_source(name, path):
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    for name in ("tools", "tools.wpt", "tools.wpt.utils"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["tools.wpt.utils"].load_source = load_source


def routes(suite):
    def webidl_parser(request, response):
        request.url_parts = request.url_parts._replace(path="/resources/webidl2/lib/webidl2.js")
        return handlers.file_handler(request, response)

    def any_worker(request, response):
        # What the suite's own server makes of a test for workers: https://web-platform-tests.org/writing-tests/testharness.html
        path = request.url_parts.path.replace(".any.worker.js", ".any.js")
        if not os.path.isfile(os.path.join(suite, path.lstrip("/"))):
            response.status = 404
            return
        with open(os.path.join(suite, path.lstrip("/")), encoding="utf-8") as file:
            scripts = [line[len("// META: script="):].strip() for line in file if line.startswith("// META: script=")]
        names = ["/resources/testharness.js", *scripts, path]
        response.headers.set("Content-Type", "text/javascript")
        response.content = "".join(f"importScripts({json.dumps(name)});\n" for name in names) + "done();\n"

    return [
        ("GET", "/resources/WebIDLParser.js", webidl_parser),
        ("GET", "*.any.worker.js", any_worker),
        ("GET", "/favicon.ico", StringHandler("", "image/x-icon")),
        (any_method, "*.py", handlers.python_script_handler),
        ("GET", "*.asis", handlers.as_is_handler),
        (any_method, "/*", handlers.file_handler),
    ]


def start_websockets(suite, port, certificate):
    from pywebsocket3 import standalone, websocket_server

    arguments = ["-H", LOOPBACK, "-p", str(port), "-d", suite, "-w", os.path.join(suite, "websockets/handlers"), "--log-level", "critical"]
    if certificate:
        arguments += ["-t", "-k", certificate[0], "-c", certificate[1]]
    options, _ = standalone._parse_args_and_config(arguments)
    options.cgi_directories = []
    options.is_executable_method = None
    threading.Thread(target=websocket_server.WebSocketServer(options).serve_forever, daemon=True).start()


def main():
    suite, directory = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    logging.disable(logging.CRITICAL)
    os.makedirs(directory, exist_ok=True)
    sys.path.insert(0, suite)
    provide_tools()
    authority, key, certificate = make_certificates(directory)
    ports = free_ports()
    builder = ConfigBuilder(
        logging.getLogger("wptserve"),
        subdomains=SUBDOMAINS,
        not_subdomains={"nonexistent"},
        browser_host=HOST,
        alternate_hosts={"alt": ALTERNATIVE},
        doc_root=suite,
        server_host=LOOPBACK,
        ports=ports,
        ssl={"type": "pregenerated", "encrypt_after_connect": False,
             "pregenerated": {"host_key_path": key, "host_cert_path": certificate, "ca_cert_path": authority}},
    )
    with stash.StashServer(), builder as config:
        for protocol in ("http", "https", "h2"):
            for port in ports[protocol]:
                http2 = protocol == "h2"
                server.WebTestHttpd(
                    host=LOOPBACK, port=port, doc_root=suite, routes=routes(suite), config=config, bind_address=True,
                    use_ssl=protocol != "http", key_file=key, certificate=certificate, http2=http2, latency=None,
                    handler_cls=server.Http2WebTestRequestHandler if http2 else server.Http1WebTestRequestHandler,
                    ws_doc_root=os.path.join(suite, "websockets/handlers"),
                ).start()
        start_websockets(suite, ports["ws"][0], None)
        start_websockets(suite, ports["wss"][0], (key, certificate))
        print(json.dumps({"ports": ports, "authority": authority}), flush=True)
        sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
