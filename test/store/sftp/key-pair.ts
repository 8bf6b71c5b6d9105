import ssh2 from "ssh2";

/** How the private one is encrypted. */
interface Encryption {
  readonly passphrase: string;
  readonly cipher: string;
  readonly rounds: number;
}

/** A private and a public key of Ed25519, as OpenSSH writes them. */
export function keyPair(encryption?: Encryption): {
  readonly private: string;
  readonly public: string;
} {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync("ed25519", encryption);
    // The library leaves out the zero that one public key of 256 begins with, and then reads neither of the two.
    if (!(ssh2.utils.parseKey(pair.public) instanceof Error)) return pair;
  }
}
