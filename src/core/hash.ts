import { createHash } from 'node:crypto';

/** Returns the SHA-256 of bytes, or of a text's UTF-8 bytes, in lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
