/** One intention of the customer, named by a key. Sent again with it, after no answer came, a thing is done only once. */
export class Intention {
  private key = "";
  private sent = "";

  /** Return the key for what is to be sent: the same for the same body, and another for another. */
  keyFor(body: object): string {
    const now = JSON.stringify(body);
    if (now !== this.sent) this.key = crypto.randomUUID();
    this.sent = now;
    return this.key;
  }
}
