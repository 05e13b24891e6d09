"""The components for programs of one's own, with arguments as Pulumi's analyzer, editors and other languages see them.

Each makes what the program makes, by the same functions: `deploy` differs in where its settings come from.
"""
