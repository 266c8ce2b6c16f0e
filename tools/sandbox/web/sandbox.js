"use strict";

const dialog = document.getElementById("disrupt");
const fault = document.getElementById("disrupt-fault");
let chosen = null;

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-flight]");
  if (!button) return;
  chosen = { flight_number: button.dataset.flight, flight_date: button.dataset.date };
  document.getElementById("disrupt-flight").textContent = `${chosen.flight_number} on ${chosen.flight_date}`;
  fault.textContent = "";
  dialog.showModal();
});

dialog.querySelector("form").addEventListener("submit", async (event) => {
  if (event.submitter.value !== "go") return;
  event.preventDefault();
  const delay = document.getElementById("disrupt-delay").value;
  const cause = document.getElementById("disrupt-cause").selectedOptions[0];
  const answer = await fetch("/sandbox/disruptions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      ...chosen,
      delay_minutes: delay ? Number(delay) : null,
      cause: cause.value,
      extraordinary: JSON.parse(cause.dataset.extraordinary),
    }),
  });
  if (answer.ok) location.reload();
  else fault.textContent = (await answer.json()).detail;
});
