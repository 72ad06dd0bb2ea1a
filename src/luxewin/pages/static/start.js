"use strict";

// Updates the numbers of the start page, and shows responses of the API. Without JavaScript the page is complete.

const board = document.querySelector("main[data-refresh]");
const live = board.querySelector("[data-live]");
const lost = board.querySelector("[data-lost]");
const pauseMilliseconds = 2000;

async function refresh() {
  const answer = await fetch(board.dataset.refresh, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  const now = await answer.json();
  for (const part of now.parts) showPart(part);
  for (const shop of now.shops) showShop(shop, now.counted_up_to);
  reloadWhenShopsChange(now.shops);
  live.textContent = `live, ${new Date().toISOString().slice(11, 19)} UTC`;
  showConnectionError("");
}

function showPart({ part, state, text }) {
  const pill = board.querySelector(`[data-part="${part}"]`);
  pill.dataset.state = state;
  pill.querySelector("[data-text]").textContent = text;
}

function showShop(shop, countedUpTo) {
  const article = board.querySelector(`[data-shop="${shop.slug}"]`);
  if (!article) return;
  for (const count of article.querySelectorAll("[data-count]")) {
    const number = shop[count.dataset.count];
    const text = number.toLocaleString("en") + (number === countedUpTo ? "+" : "");
    if (count.textContent === text) continue;
    count.textContent = text;
    count.classList.add("changed");
    setTimeout(() => count.classList.remove("changed"), 400);
  }
}

// The server renders new shops and the first products; the page is reloaded at most twice a minute for them.
function reloadWhenShopsChange(shops) {
  const empty = board.querySelector("[data-empty]");
  const isListed = ({ slug }) => board.querySelector(`[data-shop="${slug}"]`);
  const isStocked = ({ slug, products }) => empty && slug === empty.dataset.empty && products > 0;
  const last = Number(sessionStorage.getItem("grown") ?? 0);
  if (Date.now() - last < 30000 || !shops.some((shop) => !isListed(shop) || isStocked(shop))) return;
  sessionStorage.setItem("grown", String(Date.now()));
  location.reload();
}

// Screen readers announce this element when it changes, but not the time beside it.
function showConnectionError(text) {
  if (lost.textContent !== text) lost.textContent = text;
}

async function refreshPeriodically() {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
    if (document.hidden) continue;
    try {
      await refresh();
    } catch {
      showConnectionError("no response; trying again");
    }
  }
}

async function showResponse(link) {
  const url = link.getAttribute("href");
  const started = performance.now();
  const response = await fetch(url, { headers: { "X-Tenant": link.dataset.tenant } });
  const body = await response.text();
  const milliseconds = Math.round(performance.now() - started);
  document.getElementById("answer-request").textContent = `GET ${url}   X-Tenant: ${link.dataset.tenant}`;
  document.getElementById("answer-status").textContent = `${response.status} in ${milliseconds} ms`;
  document.getElementById("answer-body").textContent = formattedJson(body);
  document.getElementById("answer").showModal();
}

function formattedJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-tenant]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    showResponse(link).catch(() => location.assign(link.href));
  }
  const copying = event.target.closest("[data-copy]");
  if (copying) {
    navigator.clipboard.writeText(document.getElementById(copying.dataset.copy).textContent);
    copying.textContent = "Copied";
    setTimeout(() => { copying.textContent = "Copy"; }, 1500);
  }
  const dialog = event.target.closest("dialog");
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

// A picture of another site that cannot be loaded is shown like a product without one.
function replaceMissingPicture(image) {
  const placeholder = document.createElement("span");
  placeholder.className = "no-picture";
  image.replaceWith(placeholder);
}

for (const image of document.querySelectorAll(".tiles img")) {
  if (image.complete && image.naturalWidth === 0) replaceMissingPicture(image);
  else image.addEventListener("error", () => replaceMissingPicture(image));
}
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
refreshPeriodically();
