// Where an address leads that names no port (TRN-11: HTTPS, unless somebody writes plain HTTP).

export const defaultPorts: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };
