"""Stands in for Claude Code: takes its settings from where that one does (environment, user, project
and local file, --settings, the managed ones; later ones win) and sends one message as it would. What
it was given and how it fared goes to ~/told.json. The word `wait` lets it wait for a signal, `die`
die of one."""

import glob
import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

HOME = os.environ["HOME"]


def given_settings(words):
    """The last --settings, as an object; and its text."""
    text = None
    for index, word in enumerate(words):
        if word == "--":
            break
        if word.startswith("--settings="):
            text = word.partition("=")[2]
        elif word == "--settings":
            text = words[index + 1]
    if text is None:
        return {}
    if not text.lstrip().startswith("{"):
        with open(text) as file:
            text = file.read()
    return json.loads(text)


def all_settings():
    managed = os.environ.get("CLAUDE_CODE_MANAGED_SETTINGS_PATH", "/nowhere")
    before = [f"{HOME}/.claude/settings.json", ".claude/settings.json", ".claude/settings.local.json"]
    after = [f"{managed}/managed-settings.json", *sorted(glob.glob(f"{managed}/managed-settings.d/*"))]
    read = lambda files: [json.load(open(each)) for each in files if os.path.exists(each)]
    return [*read(before), given_settings(sys.argv[1:]), *read(after)]


def effective():
    env, helper = dict(os.environ), ""
    for settings in all_settings():
        env.update(settings.get("env", {}))
        helper = settings.get("apiKeyHelper", helper)
    return env, helper


def credentials(env, helper):
    headers = {}
    if env.get("ANTHROPIC_AUTH_TOKEN"):
        headers["Authorization"] = "Bearer " + env["ANTHROPIC_AUTH_TOKEN"]
    if env.get("ANTHROPIC_API_KEY"):
        headers["x-api-key"] = env["ANTHROPIC_API_KEY"]
    elif helper:
        headers["x-api-key"] = subprocess.run(
            helper, shell=True, capture_output=True, text=True, check=True
        ).stdout.strip()
    login = f"{HOME}/.claude/.credentials.json"
    if not headers and os.path.exists(login):
        headers["Authorization"] = "Bearer " + json.load(open(login))["claudeAiOauth"]["accessToken"]
    return headers


def send(env, helper):
    url = env.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com")
    for cloud in ("BEDROCK", "VERTEX", "FOUNDRY"):
        if env.get(f"CLAUDE_CODE_USE_{cloud}", "0") not in ("", "0"):
            url = env[f"ANTHROPIC_{cloud}_BASE_URL"]
    body = {
        "model": "claude-test",
        "max_tokens": 8,
        "messages": [{"role": "user", "content": "hi"}],
    }
    request = urllib.request.Request(
        url.rstrip("/") + "/v1/messages?beta=true",
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **credentials(env, helper)},
    )
    # As Claude Code: of the proxy and its exceptions it knows what is in its settings.
    os.environ.clear()
    os.environ.update(env)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def get(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.read().decode()
    except OSError as error:
        return str(error)


def main():
    started_with = dict(os.environ)
    env, helper = effective()
    status, text = send(env, helper) if "silent" not in sys.argv else (0, "")
    url = env.get("ANTHROPIC_BASE_URL", "")
    told = {
        "arguments": sys.argv[1:],
        "env": started_with,
        "settings": given_settings(sys.argv[1:]),
        "status": status,
        "text": text,
        "health": get(url + "/health", ""),
        "providers": get(url + "/v1/providers", env.get("ANTHROPIC_AUTH_TOKEN", "")),
    }
    with open(f"{HOME}/told.json", "w") as file:
        json.dump(told, file)
    if "wait" in sys.argv:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(9))
        print("waiting", flush=True)
        signal.pause()
    if "die" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    print("hello from claude")
    sys.exit(7)


main()
