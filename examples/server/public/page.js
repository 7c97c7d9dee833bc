// The browser stores and sends the cookie. Scripts cannot read the token.

const find = (selector) => document.querySelector(selector);
const login = find("#login");
const profile = find("#profile");
const error = find("#error");
const remaining = find("#remaining");

/** When the token expires, as a time of the monotonic clock performance.now(). */
let expiresAt = 0;
let lifetimeMs = 0;

/** Creates an element with textContent instead of innerHTML, because responses must not be parsed as HTML. */
function element(name, text, properties = {}) {
  return Object.assign(document.createElement(name), { textContent: text, ...properties });
}

function showError(text) {
  error.textContent = text;
}

/** The message for the user about an error response. */
async function explain(response) {
  const { error_description: description, detail } = await response.json();
  const seconds = Number(response.headers.get("Retry-After"));
  const wait = seconds > 60 ? `${Math.ceil(seconds / 60)} minutes` : `${seconds} seconds`;
  return `${description ?? detail}.${seconds > 0 ? ` Wait ${wait}.` : ""}`;
}

/** Runs an action of the user, and shows an error if it fails. The button is disabled meanwhile. */
async function attempt(button, action) {
  showError("");
  if (button) button.disabled = true;
  try {
    await action();
  } catch (failure) {
    showError(failure instanceof TypeError ? "The server cannot be reached." : failure.message);
  } finally {
    if (button) button.disabled = false;
  }
}

async function post(path, body) {
  const response = await fetch(path, { method: "POST", body });
  if (!response.ok) throw new Error(await explain(response));
}

/** Shows the user, or the form. */
async function showSession() {
  const response = await fetch("/session");
  if (!response.ok) throw new Error(await explain(response));
  const session = await response.json();
  const isLoggedIn = session.user !== null;
  login.hidden = isLoggedIn;
  profile.hidden = !isLoggedIn;
  find("#account").setAttribute("aria-labelledby", isLoggedIn ? "profile-title" : "login-title");
  if (isLoggedIn) showProfile(session);
}

function showProfile({ user, claims, lifetimeSeconds, expiresInSeconds }) {
  find(".email").textContent = user.email;
  find(".avatar").textContent = user.email.charAt(0).toUpperCase();
  const flags = { isActive: "active", isVerified: "verified", isSuperuser: "superuser" };
  const set = Object.entries(flags).filter(([name]) => user[name]);
  find(".badges").replaceChildren(...set.map(([, text]) => element("li", text)));
  find("#claims").replaceChildren(...Object.entries(claims).flatMap(describeClaim));
  lifetimeMs = lifetimeSeconds * 1000;
  expiresAt = performance.now() + expiresInSeconds * 1000;
  showRemaining();
}

/** The claims that are times, in seconds since 1970. */
const TIMES = ["exp", "iat", "nbf", "auth_time"];

function describeClaim([name, value]) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const description = element("dd", text);
  if (TIMES.includes(name)) {
    description.append(" ", element("span", new Date(value * 1000).toLocaleTimeString()));
  }
  return [element("dt", name), description];
}

function showRemaining() {
  if (profile.hidden) return;
  const left = Math.max(0, expiresAt - performance.now());
  const seconds = Math.ceil(left / 1000);
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  remaining.value = lifetimeMs > 0 ? left / lifetimeMs : 0;
  remaining.classList.toggle("low", left < lifetimeMs / 5);
  find("#remaining-text").textContent = text;
  if (left === 0) void attempt(undefined, showSession);
}

/** Calls a route, and shows status, challenge and body of the answer. */
async function tryRoute(button) {
  const { method, path, anonymous } = button.dataset;
  const credentials = anonymous === undefined ? "same-origin" : "omit";
  const response = await fetch(path, { method, credentials });
  const body = await response.text();

  const answer = find("#answer-template").content.cloneNode(true);
  const pill = answer.querySelector(".pill");
  pill.textContent = `${response.status} ${response.statusText}`.trim();
  pill.classList.toggle("refused", !response.ok);
  answer.querySelector(".request").textContent = `${method} ${path}`;
  answer.querySelector(".challenge").textContent =
    response.headers.get("WWW-Authenticate") ?? "none";
  answer.querySelector("pre").textContent = format(body);
  find("#answer").replaceChildren(answer);
  for (const other of document.querySelectorAll("#routes button")) {
    other.setAttribute("aria-pressed", String(other === button));
  }
  // The token has expired, or the user was deleted.
  if (response.status === 401 && credentials === "same-origin") await showSession();
}

function format(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

async function showDemoUsers() {
  const users = await (await fetch("/demo-users")).json();
  find("#demo-users").hidden = users.length === 0;
  const buttons = users.map(({ email, password }) => {
    const button = element("button", email, { type: "button" });
    button.addEventListener("click", () => {
      login.elements.username.value = email;
      login.elements.password.value = password;
      login.querySelector(".primary").focus();
    });
    return button;
  });
  find("#demo-users .row").replaceChildren(...buttons);
}

login.addEventListener("submit", (event) => {
  event.preventDefault();
  void attempt(login.querySelector(".primary"), async () => {
    await post("/session/login", new URLSearchParams(new FormData(login)));
    login.reset();
    await showSession();
    find("#profile-title").focus();
  });
});

find("#renew").addEventListener("click", (event) => {
  void attempt(event.currentTarget, async () => {
    await post("/session/refresh");
    await showSession();
  });
});

find("#logout").addEventListener("click", (event) => {
  void attempt(event.currentTarget, async () => {
    const response = await fetch("/session/logout", { method: "POST" });
    // 401: the login has expired in the meantime.
    if (!response.ok && response.status !== 401) throw new Error(await explain(response));
    await showSession();
    login.elements.username.focus();
  });
});

for (const button of document.querySelectorAll("#routes button")) {
  button.addEventListener("click", () => void attempt(button, () => tryRoute(button)));
}

setInterval(showRemaining, 1000);
void attempt(undefined, showSession);
void attempt(undefined, showDemoUsers);
