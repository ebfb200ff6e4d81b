"""Trees of files as a kernel would show them, written into a folder."""

from pathlib import Path

from engine.memory.kernel_files import KernelFiles

MEBIBYTE = 1024 * 1024
MACHINE_BYTES = 8192 * MEBIBYTE
V1_UNLIMITED = "9223372036854771712"
PAGE_BYTES = 4096

V2 = "31 23 0:28 {shown} {at} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "35 31 0:32 {shown} {at} rw,relatime shared:9 - cgroup cgroup rw,{controller}\n"
OTHERS = "22 1 8:1 / / rw - ext4 /dev/vda1 rw,errors=remount-ro\n23 22 0:21 / /proc rw - proc proc rw\n"
LIMITS = (
    "Limit                     Soft Limit           Hard Limit           Units     \n"
    "Max cpu time              unlimited            unlimited            seconds   \n"
    "Max data size             {data:<20} unlimited            bytes     \n"
    "Max resident set          1000                 unlimited            bytes     \n"
    "Max address space         {address_space:<20} unlimited            bytes     \n"
)


class Tree:
    """A machine of 8 GiB without a limit, until more is written into it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("proc/meminfo", f"MemTotal:       {MACHINE_BYTES // 1024} kB\nMemFree:        1 kB\n")
        self.write("proc/self/statm", "765 404 375 5 0 123 0\n")
        self.write("proc/self/status", "Name:\tpython\nVmRSS:\t    1928 kB\nVmData:\t     292 kB\n")
        self.files = KernelFiles(root)

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def v2(self, *, path: str, shown: str = "/", at: str = "/sys/fs/cgroup") -> None:
        """The one hierarchy is mounted at `at`, from the group `shown` on; the process is in `path`."""
        self.write("proc/self/cgroup", f"0::{path}\n")
        self.write("proc/self/mountinfo", OTHERS + V2.format(shown=shown, at=at))
        self.write(f"{at[1:]}/cgroup.controllers", "")

    def v1(self, controller: str, *, path: str, shown: str = "/") -> None:
        """As v2, of one controller, beside a unified hierarchy without any."""
        at = f"/sys/fs/cgroup/{controller}"
        self.write("proc/self/cgroup", f"9:name=systemd:/\n4:{controller}:{path}\n0::/\n")
        unified = V2.format(shown="/", at="/sys/fs/cgroup/unified")
        mounted = V1.format(shown=shown, at=at, controller=controller)
        self.write("proc/self/mountinfo", OTHERS + unified + mounted)
        self.write("sys/fs/cgroup/unified/cgroup.controllers", "")
        self.write(f"{at[1:]}/cgroup.procs", "")

    def resources(self, *, data: str = "unlimited", address_space: str = "unlimited") -> None:
        self.write("proc/self/limits", LIMITS.format(data=data, address_space=address_space))
