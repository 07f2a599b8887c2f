// Passkeys: a form with data-so="passkey" asks the browser for one (data-does="create") or to show one ("get"),
// with the options that stand in the page as JSON, and sends the answer as its field "credential".
const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const encode = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const withBytes = (list) => (list ?? []).map((item) => ({ ...item, id: decode(item.id) }));

function readOptions(given) {
  const options = { ...given, challenge: decode(given.challenge) };
  if (given.user) options.user = { ...given.user, id: decode(given.user.id) };
  if (given.excludeCredentials) options.excludeCredentials = withBytes(given.excludeCredentials);
  if (given.allowCredentials) options.allowCredentials = withBytes(given.allowCredentials);
  return options;
}

function written(found) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (found.response[name]) response[name] = encode(found.response[name]);
  }
  if (found.response.getTransports) response.transports = found.response.getTransports();
  return {
    type: found.type,
    id: found.id,
    rawId: encode(found.rawId),
    authenticatorAttachment: found.authenticatorAttachment,
    response,
    clientExtensionResults: found.getClientExtensionResults(),
  };
}

async function ask(form) {
  const given = JSON.parse(document.getElementById(form.dataset.options).textContent);
  const { publicKey } = given.creation_options ?? given.request_options;
  const options = { publicKey: readOptions(publicKey) };
  const found = await (form.dataset.does === "create"
    ? navigator.credentials.create(options)
    : navigator.credentials.get(options));
  form.elements.credential.value = JSON.stringify(written(found));
  form.submit();
}

for (const form of document.querySelectorAll("form[data-so=passkey]")) {
  const told = form.querySelector("[data-so=passkey-failed]");
  form.hidden = !window.PublicKeyCredential;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (told) told.hidden = true;
    ask(form).catch(() => {
      if (told) told.hidden = false;
    });
  });
}
