// A sealed map: asks for the password, and gives the payload's bytes once it is the right one.

const SALT = 16;
const NONCE = 12;

function askPassword(sealed, rounds, words, root) {
  const told = make("p", { class: "alarm", role: "alert" });
  const input = make("input", { id: "password", type: "password", autocomplete: "off", required: true });
  const submit = make("button", { type: "submit", class: "action" }, words.unlock);
  const form = make(
    "form",
    { class: "lock" },
    make("h1", {}, words.lock_title),
    make("p", {}, words.lock_about),
    make("label", { class: "field", for: "password" }, words.password, input),
    submit,
    told,
  );
  root.classList.add("locked");
  root.prepend(form);
  input.focus();
  return new Promise((open) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      told.textContent = words.unlocking;
      performance.mark("kaur-password");
      try {
        const bytes = await unlocked(sealed, rounds, input.value);
        form.remove();
        root.classList.remove("locked");
        open(bytes);
      } catch {
        told.textContent = words.wrong_password;
        submit.disabled = false;
        input.select();
      }
    });
  });
}

async function unlocked(sealed, rounds, password) {
  const secret = new TextEncoder().encode(password.normalize("NFKC"));
  const salt = sealed.subarray(0, SALT);
  const nonce = sealed.subarray(SALT, SALT + NONCE);
  const box = sealed.subarray(SALT + NONCE);
  const { subtle } = window.crypto || {};
  if (subtle) {
    const base = await subtle.importKey("raw", secret, "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
    const key = await subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    return new Uint8Array(await subtle.decrypt({ name: "AES-GCM", iv: nonce }, key, box));
  }
  const first = await noble.pbkdf2Async(noble.sha256, secret, salt, { c: 1, dkLen: 32 });
  const key = await stretched(secret.length > 64 ? noble.sha256(secret) : secret, first, rounds);
  return noble.gcm(key, nonce).decrypt(box);
}
