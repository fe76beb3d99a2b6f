"""Set-up of one clone, run by the machine's own Python: `python3 dispute_hub/embedded/setup.py [--dev]`.

Standard library only, and nothing newer than Python 3.6, so that an old Python reaches its clear message.
Idempotent; what is unchanged (told by a hash of the requirement files) is not touched.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
NODE_MODULES = os.path.join(ROOT, "node_modules")


def stop(chinese: str, english: str) -> None:
    sys.exit("\n错误：{}\nError: {}\n".format(chinese, english))


def say(text: str) -> None:
    print(text, flush=True)


def check_machine() -> None:
    if sys.version_info < (3, 11):
        found = "{}.{}".format(*sys.version_info[:2])
        stop(
            "需要 Python 3.11 或更高版本，当前为 {}。可用 make PYTHON=/路径/python3.11 指定。".format(found),
            "Python 3.11 or newer is needed, found {}. Name another one: make PYTHON=/path/python3.11".format(
                found
            ),
        )
    if not os.access(ROOT, os.W_OK):
        stop(
            "当前目录不可写：{}。请把项目放到有写权限的目录。".format(ROOT),
            "this folder is not writable: {}. Put the project where you may write.".format(ROOT),
        )
    if not os.path.exists(PYTHON):
        try:
            import ensurepip  # noqa: F401
            import venv  # noqa: F401
        except ImportError:
            stop(
                "Python 缺少 ensurepip（Debian/Ubuntu 请安装 python3-venv）。",
                "this Python has no ensurepip (on Debian/Ubuntu install python3-venv).",
            )


def digest(*names: str) -> str:
    known = hashlib.sha256(sys.version.encode())
    for name in names:
        path = os.path.join(ROOT, name)
        if os.path.exists(path):
            with open(path, "rb") as handle:
                known.update(handle.read())
    return known.hexdigest()


def unchanged(stamp: str, wanted: str) -> bool:
    try:
        with open(stamp) as handle:
            return handle.read() == wanted
    except OSError:
        return False


def write(stamp: str, content: str) -> None:
    with open(stamp, "w") as handle:
        handle.write(content)


def make_environment() -> None:
    works = (
        os.path.exists(PYTHON)
        and subprocess.call([PYTHON, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0
    )
    if not works:
        say("· 建立 Python 环境 (.venv)")
        if subprocess.call([sys.executable, "-m", "venv", "--clear", VENV]) != 0:
            stop("无法建立 Python 环境。", "the virtual environment could not be made.")


def install_packages(requirements: str, step: str) -> None:
    stamp = os.path.join(VENV, "installed-{}".format(requirements))
    wanted = digest("requirements.txt", requirements)
    if unchanged(stamp, wanted):
        return
    say("· {}（{}）".format(step, requirements))
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", requirements]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    for line in child.stdout or ():
        lines.append(line)
        if line.startswith(("Collecting", "Installing")):
            say("    " + line.strip()[:100])
    if child.wait() != 0:
        say("".join(lines[-15:]))
        stop(
            "软件包安装失败，请检查网络后重试。",
            "packages could not be installed; check the network and try again.",
        )
    write(stamp, wanted)


def install_front_end() -> None:
    stamp = os.path.join(NODE_MODULES, ".installed")
    wanted = digest("package.json", "package-lock.json")
    if not os.path.exists(os.path.join(ROOT, "package-lock.json")) or unchanged(stamp, wanted):
        return
    environment = dict(os.environ)
    npm = shutil.which("npm") if shutil.which("node") else None
    if npm is None:
        install_packages("requirements-node.txt", "本机没有 Node，安装随包的 Node")
        npm = os.path.join(VENV, "bin", "npm")
        environment["PATH"] = os.path.join(VENV, "bin") + os.pathsep + environment.get("PATH", "")
    say("· 安装前端文件 (npm ci)")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command.append("--no-update-notifier")
    if subprocess.call(command, cwd=ROOT, env=environment) != 0:
        stop(
            "前端文件安装失败，请检查网络后重试。",
            "front-end packages could not be installed; check the network.",
        )
    write(stamp, wanted)


def main() -> None:
    check_machine()
    here = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(here, fcntl.LOCK_EX)  # two `make` at once: the second finds everything done
    make_environment()
    install_packages("requirements.txt", "安装运行所需的软件包，首次约一分钟")
    if "--dev" in sys.argv[1:]:
        install_packages("requirements-dev.txt", "安装开发与测试软件包")
    install_front_end()


if __name__ == "__main__":
    main()
