"""MG100 to MG109: the spec as a text, before anybody asks what it says."""

from mlopsgen.codes import Code

TEXT = (
    Code(
        "MG100",
        "the file cannot be read as a spec",
        """
        The file is not UTF-8, or is larger than 1 MiB. A spec is text that people read and compare; what makes one
        that large is data, and data belongs into a file that the spec names.

        Save the file as UTF-8. Move tables, lists of labels and the like into files of their own.

            # wrong: the rows themselves
            data: {source: data/churn.csv, columns: {id: {type: string, values: [a1, a2, a3, …]}}}
            # right
            data: {source: data/churn.csv, columns: {id: string}}
        """,
    ),
    Code(
        "MG101",
        "the text is not YAML",
        """
        A quote or bracket is not closed, a space is missing after a colon, a tab indents a line, or a line is indented
        as no other. The place shown is where the slip is, not where a parser stumbled over it.

        YAML indents with spaces, writes `key: value` with a space, and needs quotes around text that holds `: ` or
        begins with one of `@ % * & ! | > { [ , ?` or a backtick.

            # wrong
            description: Note: the label is late
            # right
            description: "Note: the label is late"
        """,
    ),
    Code(
        "MG102",
        "a feature of YAML that a spec does not use",
        """
        Anchors (`&a`), aliases (`*a`), merge keys (`<<`), tags (`!x`), directives (`%x`), maps as keys and several
        documents in one file are refused. They let a line mean something that stands elsewhere, so that a finding
        could not point at what to mend, and a few hundred bytes of them can fill a machine's memory.

        Write the value out where it is used. `uses: <step>` repeats a step; `variables` name a value once. Text that
        begins with `*`, `&` or `!` needs quotes.

            # wrong
            code: {ignore: [*.tmp]}
            # right
            code: {ignore: ["*.tmp"]}
        """,
    ),
    Code(
        "MG103",
        "a value that must be quoted",
        """
        YAML readers disagree about this value. `yes` and `on` are booleans to some and text to others, `0001` is 1,
        `22:22:22` is 80542 and `2026-11-03` is a date. A spec is read by more tools than this one, so it says which.

        Quote what is text. Booleans are `true` and `false`, nothing is `null`, numbers are written in base ten without
        leading zeros. As keys such words are plain names and need no quotes.

            # wrong
            data: {source: data/churn.csv, label: churned, split: {stratify: yes}}
            # right
            data: {source: data/churn.csv, label: churned, split: {stratify: true}}
        """,
    ),
    Code(
        "MG107",
        "a key is written twice",
        """
        The same key stands twice in one map. Most YAML readers keep the last and drop the others without a word.

        Keep one of the two; the finding names the line of the first.

            # wrong
            training:
              run: train.py
              params: {folds: 5}
              params: {depth: 3}
            # right
            training:
              run: train.py
              params: {folds: 5, depth: 3}
        """,
    ),
    Code(
        "MG108",
        "the spec is too deep or too long",
        """
        A spec is nested deeper than 64 levels, holds more than 100,000 values, or earned more findings than are shown
        at once. The limits keep a hostile or broken file from taking the machine's memory; no real spec is near them.

        Look for generated content. Name large lists by file instead of writing them out.

            # wrong: a table, written out
            variables: {zones: {default: "1", …}}      # and 100,000 more
            # right: a file that a step reads
            data: {sources: {churn: data/churn.csv, zones: data/zones.csv}, main: churn, label: churned}
        """,
    ),
    Code(
        "MG109",
        "a character that nobody can see",
        """
        The text holds a control character, a byte-order mark in its middle, half a character, or one that turns the
        direction of writing. Such a text shows other than it reads, and shells, consoles and clouds take it in
        different ways. Escapes in double quotes that spell such a character are refused too.

        Delete the character at the place shown; often the word was pasted from a web page.

            # wrong: what comes then is read from right to left
            description: "Churn \\u202e"
            # right
            description: Churn
        """,
    ),
)
