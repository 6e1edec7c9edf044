// What to do about a failure of the operating system: its own text says what failed, and never what would help.

const remedies: Readonly<Record<string, string>> = {
  EADDRINUSE: "Another program listens there already: stop it, or choose another port.",
  EADDRNOTAVAIL: "No interface of this machine has that address: choose another one.",
  EACCES:
    "Whoever runs this is not allowed to: change who owns the place or who runs it; a port below 1024 needs a privilege.",
  EPERM: "Whoever runs this is not allowed to: change who owns the place or who runs it.",
  EROFS: "That place cannot be written to: choose another one.",
  ENOSPC: "The disk is full: make room and try again.",
  EDQUOT: "The quota of the disk is used up: make room and try again.",
  EMFILE: "This process has too many files open: raise its limit (ulimit -n).",
  ENOENT: "See that the name is right, and that the place can be written to.",
  ERR_SQLITE_ERROR: "See that the disk has room, that the database can be written to, and that its file is whole.",
  ENOTDIR: "A part of the path is a file: choose another one.",
  EISDIR: "That is a folder, and a file is needed.",
  EEXIST: "Something stands there already: choose another name.",
  ENAMETOOLONG: "Choose a shorter name.",
};

/** For a code such as `ENOSPC`; "" for one of which nothing is known. */
export function systemRemedy(code: string): string {
  return Object.hasOwn(remedies, code) ? (remedies[code] ?? "") : "";
}
