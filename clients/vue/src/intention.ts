/* A key names one intention of the customer. Sent again with it, after no answer came, a thing is done only once. */

/** Return what gives the key for what is to be sent: the same for the same body, and another for another. */
export function useIntention(): (body: object) => string {
  let key = "";
  let sent = "";
  return (body) => {
    const now = JSON.stringify(body);
    if (now !== sent) key = crypto.randomUUID();
    sent = now;
    return key;
  };
}
