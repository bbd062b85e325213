# Tries: to run for ever before the answer is even defined.
# Marks: gate error: processor time; xor_errors correct
def forever():
    while True:
        pass


weights = forever()


def gate(name):
    return weights


xor_errors = 1
