# Tries: to play tricks on the terminal, the files and the page that show its message.
# Marks: perceptron error: raised; xor_errors correct
def perceptron(x, w, b):
    raise ValueError("\x1b[2J\x00\ud800<script>alert(1)</script>" + "x" * 10**6)


xor_errors = 1
