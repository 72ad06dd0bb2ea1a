"use strict";

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

const form = document.querySelector("[data-sign-in]");
const result = form.querySelector("[data-signed-in]");
const signOut = form.querySelector("[data-sign-out]");
const shop = () => form.elements.shop.value.trim();

// The shop of the form is the tenant of every request that names none.
function addTenant(request) {
  const isNamed = Object.keys(request.headers).some((name) => name.toLowerCase() === "x-tenant");
  if (shop() && !isNamed) request.headers["X-Tenant"] = shop();
  return request;
}

async function signIn() {
  const response = await fetch("/api/v1/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(shop() && { "X-Tenant": shop() }) },
    body: JSON.stringify({ email: form.elements.email.value, password: form.elements.password.value }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail);
  window.ui.preauthorizeApiKey("bearerAuth", answer.access_token);
  form.elements.password.value = "";
  result.textContent = `Signed in as ${answer.user.email} (${answer.user.role.replace("_", " ")}).`;
  signOut.hidden = false;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn().catch((error) => { result.textContent = `Not signed in: ${error.message}`; });
});
signOut.addEventListener("click", () => {
  window.ui.authActions.logout(["bearerAuth"]);
  result.textContent = "Signed out here; the session itself ends by POST /auth/logout.";
  signOut.hidden = true;
});
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  persistAuthorization: false,
  // Before the document is loaded the explorer ignores a token.
  onComplete: () => { form.hidden = false; },
  requestInterceptor: addTenant,
  tryItOutEnabled: true,
  validatorUrl: null,
});
