# Tries: to be equal to whatever is expected.
# Marks: perceptron fails; xor_errors fails
class Equal:
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self

    def __call__(self, *arguments):
        return self

    def __bool__(self):
        return True


def perceptron(x, w, b):
    return Equal()


xor_errors = Equal()
