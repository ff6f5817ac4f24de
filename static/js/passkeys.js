/* Ties allauth's WebAuthn to the one button with data-passkey: add, authenticate or login. Without script it is hidden. */
document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-passkey]");
  if (!button || !window.PublicKeyCredential) return;
  const kind = button.dataset.passkey;
  const data = document.getElementById("passkey_data");
  const passwordless = document.getElementById("id_passwordless");
  const ids = { [kind]: button.id, credential: button.dataset.credential };
  if (passwordless) ids.passwordless = passwordless.id;
  window.allauth.webauthn.forms[`${kind}Form`]({ ids, data: data && JSON.parse(data.textContent) });
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault();
    document.getElementById("passkey_failed").hidden = false;
  });
  button.closest("[data-needs-passkeys]")?.removeAttribute("hidden");
});
