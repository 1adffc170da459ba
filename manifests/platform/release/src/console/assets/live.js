
"use strict";
const refreshEvery = 5000;
const hidden = "••••••••••";

function show(answer) {
  document.getElementById("summary").textContent = answer.summary;
  document.getElementById("checked").textContent = answer.checked_at;
  document.getElementById("dot").className = answer.services.every((one) => one.up) ? "dot up" : "dot down";
  for (const one of answer.services) {
    const card = document.querySelector(`[data-service="${one.number}"]`);
    const word = one.up ? "up" : "down";
    card.querySelector(".version").textContent = one.version;
    card.querySelector(".state").className = `state ${word}`;
    card.querySelector(".state .dot").className = `dot ${word}`;
    card.querySelector(".state .word").textContent = one.up ? "Up" : "Down";
    card.querySelector(".facts").innerHTML = one.facts_html;
  }
}

function silent() {
  document.getElementById("summary").textContent = "The console does not answer";
  document.getElementById("dot").className = "dot down";
}

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch("/api/services", { headers: { accept: "application/json" } });
      if (answer.status === 401) { location.assign("/login"); return; }
      if (answer.ok) show(await answer.json()); else silent();
    } catch { silent(); }
  }
  setTimeout(refresh, refreshEvery);
}
setTimeout(refresh, refreshEvery);

for (const form of document.querySelectorAll(".reveal")) {
  const secret = form.querySelector(".secret");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.textContent === "Hide") {
      secret.textContent = hidden;
      button.textContent = "Reveal";
      return;
    }
    try {
      const answer = await fetch(form.action, {
        method: "POST", headers: { accept: "application/json" }, body: new URLSearchParams(new FormData(form)),
      });
      if (answer.status === 401) { location.assign("/login"); return; }
      if (!answer.ok) throw new Error(answer.statusText);
      secret.textContent = (await answer.json()).password;
      button.textContent = "Hide";
    } catch { secret.textContent = "could not be fetched"; }
  });
}

for (const command of document.querySelectorAll(".command")) {
  if (!navigator.clipboard) break;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.querySelector("code").textContent);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  command.append(button);
}
