// What the page does beyond showing: fragments come as they change, seconds count, buttons copy. Without it the page reloads.
"use strict";

const offset = Number(document.body.dataset.now) - Date.now() / 1000;
const connection = document.getElementById("connection");

function words(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

function count() {
  const now = Date.now() / 1000 + offset;
  for (const each of document.querySelectorAll("[data-since]")) {
    each.textContent = words(now - Number(each.dataset.since));
  }
}

function showButtons() {
  for (const button of document.querySelectorAll("button[data-copy]")) button.hidden = false;
}

// Children that are the same stay, so that a reader's place and the selection stay, too.
function put(element, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  const before = [...element.children];
  const after = [...made.content.children];
  if (before.length !== after.length || before.length === 0) {
    element.replaceChildren(...made.content.childNodes);
    return;
  }
  before.forEach((child, at) => {
    if (!child.isEqualNode(after[at])) child.replaceWith(after[at]);
  });
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    connection.textContent = "Copied.";
  } catch {
    connection.textContent = "The browser did not allow copying: select the text instead.";
  }
});

function follow() {
  const source = new EventSource("/stream");
  let isLost = false;
  source.onmessage = (event) => {
    for (const [id, html] of Object.entries(JSON.parse(event.data).parts)) {
      const element = document.getElementById(id);
      if (element) put(element, html);
    }
    showButtons();
    count();
    if (isLost) connection.textContent = "";
    isLost = false;
  };
  source.onerror = () => {
    isLost = true;
    connection.textContent = "No connection: the command has ended. “compleat watch” shows its task again.";
  };
}

showButtons();
count();
setInterval(count, 1000);
follow();
