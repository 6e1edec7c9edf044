/** Installs what a program needs from Debian, where that is possible; answers the packages that are missing still. */
export function installSystemPackages(file: string): string[];
