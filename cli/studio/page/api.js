// Asks the server. The token is in the part of the address behind the #, which browsers
// send to nobody; it is kept for this tab, and taken out of the address.

const kept = "sluice-token";

if (location.hash.length > 1) {
  sessionStorage.setItem(kept, location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}

// ask sends an object to a route and returns the answer. A refusal is an Error with the
// server's sentence, and with its answer as `answer`.
export async function ask(route, body, signal) {
  let response;
  try {
    response = await fetch("/api/" + route, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Sluice-Token": sessionStorage.getItem(kept) ?? "" },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("sluice does not answer: it has ended, or is starting again");
  }
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.error), { answer, status: response.status });
  return answer;
}
