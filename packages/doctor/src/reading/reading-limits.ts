// What the doctor reads of a file at most; what is beyond is said, never silently dropped.

export const sessionBytesMax = 16 * 1024 * 1024;
export const lineCharactersMax = 4_000;
