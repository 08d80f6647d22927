"""Signs in with the authorization checker mcp-authlab (0.2.2), and requires its best grade.

python tests/oauth/checker.py MCP-URL ISSUER
"""

import os
import subprocess
import sys
import tempfile
import urllib.request


def browse(url):
    """Follows redirects with cookies, as a browser does, up to the checker's own address."""
    cookies = urllib.request.HTTPCookieProcessor()
    urllib.request.build_opener(cookies).open(url).read()


def check(url):
    with tempfile.TemporaryDirectory() as home:
        browser = f"{sys.executable} {os.path.abspath(__file__)} --browse %s"
        env = os.environ | {"BROWSER": browser, "HOME": home, "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home}
        login = ["mcp-authlab", "login", url, "--scope", "openid mcp", "--thorough"]
        subprocess.run(login, env=env, check=True, timeout=120)
        scan = ["mcp-authlab", "scan", url, "--no-color", "--fail-under", "A"]
        subprocess.run(scan, env=env, check=True, timeout=120)


if sys.argv[1] == "--browse":
    browse(sys.argv[2])
else:
    check(sys.argv[1])
