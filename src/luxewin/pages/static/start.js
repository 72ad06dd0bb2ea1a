"use strict";

// Keeps the numbers of the start page fresh, and shows what the API answers. Without it the page is complete, but still.

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
  reloadWhenGrown(now.shops);
  live.textContent = `live, ${new Date().toISOString().slice(11, 19)} UTC`;
  sayLost("");
}

function showPart({ part, state, text }) {
  const pill = board.querySelector(`[data-part="${part}"]`);
  pill.dataset.state = state;
  pill.querySelector("[data-text]").textContent = text;
}

function showShop(shop, countedUpTo) {
  const shown = board.querySelector(`[data-shop="${shop.slug}"]`);
  if (!shown) return;
  for (const count of shown.querySelectorAll("[data-count]")) {
    const number = shop[count.dataset.count];
    const text = number.toLocaleString("en") + (number === countedUpTo ? "+" : "");
    if (count.textContent === text) continue;
    count.textContent = text;
    count.classList.add("changed");
    setTimeout(() => count.classList.remove("changed"), 400);
  }
}

// A shop that was made, or the first goods in the shown one, are drawn by the server; it is asked twice a minute at most.
function reloadWhenGrown(shops) {
  const empty = board.querySelector("[data-empty]");
  const isShown = ({ slug }) => board.querySelector(`[data-shop="${slug}"]`);
  const isStocked = ({ slug, products }) => empty && slug === empty.dataset.empty && products > 0;
  const last = Number(sessionStorage.getItem("grown") ?? 0);
  if (Date.now() - last < 30000 || !shops.some((shop) => !isShown(shop) || isStocked(shop))) return;
  sessionStorage.setItem("grown", String(Date.now()));
  location.reload();
}

// Read aloud when it changes; the time beside it is not.
function sayLost(text) {
  if (lost.textContent !== text) lost.textContent = text;
}

async function keepFresh() {
  for (;;) {
    await new Promise((later) => setTimeout(later, pauseMilliseconds));
    if (document.hidden) continue;
    try {
      await refresh();
    } catch {
      sayLost("no answer; trying again");
    }
  }
}

async function ask(link) {
  const address = link.getAttribute("href");
  const asked = performance.now();
  const answer = await fetch(address, { headers: { "X-Tenant": link.dataset.tenant } });
  const body = await answer.text();
  const milliseconds = Math.round(performance.now() - asked);
  document.getElementById("answer-request").textContent = `GET ${address}   X-Tenant: ${link.dataset.tenant}`;
  document.getElementById("answer-status").textContent = `${answer.status} in ${milliseconds} ms`;
  document.getElementById("answer-body").textContent = indented(body);
  document.getElementById("answer").showModal();
}

function indented(text) {
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
    ask(link).catch(() => location.assign(link.href));
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

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
keepFresh();
