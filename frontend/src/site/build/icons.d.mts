export function drawing(name: string): string;
export function drawn(names: string[]): Record<string, string>;
