// What is taken of @noble/ciphers and @noble/hashes; `bundle_assets` makes noble.js of it.
export { gcm } from "@noble/ciphers/aes.js";
export { pbkdf2Async } from "@noble/hashes/pbkdf2.js";
export { sha256 } from "@noble/hashes/sha2.js";
