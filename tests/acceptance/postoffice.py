"""Where the letters go that Odoo sends: a mail server of this machine, which keeps them instead of carrying them."""

import email
import email.policy
import re
import socketserver
import threading
import time


class PostOffice:
    """Takes every letter, so that a test can read what a customer got."""

    def __init__(self):
        self.letters = []
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _counter(self.letters))
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def letter_to(self, address, *words):
        """Return the text of the newest letter to an address that holds these words, once it has arrived."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            for to, text in reversed(self.letters):
                if address in to and all(word in text for word in words):
                    return text
            time.sleep(0.2)
        raise AssertionError(f"No letter to {address} says {words}. There are: {self.letters}")

    def link_to(self, address, *words):
        """Return where the button of such a letter to a customer leads."""
        return re.search(r'href="([^"]*access_token=[^"]*)"', self.letter_to(address, *words)).group(1)

    def links_to(self, address, *words):
        """Return where all links of such a letter lead, from its top down."""
        return re.findall(r'href="([^"]*)"', self.letter_to(address, *words))


def _counter(letters):
    class Counter(socketserver.StreamRequestHandler):
        """As much of SMTP as Odoo speaks."""

        def _say(self, line):
            self.wfile.write(line.encode() + b"\r\n")

        def handle(self):
            self._say("220 post office")
            recipients = []
            for line in self.rfile:
                command = line.decode().strip()
                word = command.upper()
                if word.startswith("RCPT"):
                    recipients.append(command)
                if word == "DATA":
                    self._say("354 go ahead")
                    letters.append((" ".join(recipients), _read(self._letter())))
                    recipients = []
                self._say("221 bye" if word == "QUIT" else "250 ok")
                if word == "QUIT":
                    return

        def _letter(self):
            lines = []
            for line in self.rfile:
                if line == b".\r\n":
                    break
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

    return Counter


def _read(letter):
    message = email.message_from_bytes(letter, policy=email.policy.default)
    body = message.get_body(("html", "plain"))
    return f"{message['subject']}\n{body.get_content() if body else ''}".replace("&amp;", "&")
