"""How the pages of the site become one document, without a browser: order, links, answers."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "book"))

import pdf
from builder import paper

TOC = """
root: book/welcome
parts:
  - chapters:
      - file: book/use
  - caption: Part I
    chapters:
      - file: notebooks/01_a.ipynb
        title: 1. Noses
  - caption: Reference
    chapters:
      - file: book/data
        sections:
          - file: datasets/one
"""
CHAPTER = """
<h1 id="noses">Noses<a class="headerlink" href="#noses">#</a></h1>
<p><a href="../book/data.html#top">data</a> <a href="#noses">up</a>
<a href="../claims.json">file</a>
<a href="https://example.org/x.html">out</a> <a href="../book/use.html">use</a></p>
<img src="../_images/a.png" alt="a" loading="lazy"><script>x</script><button>Copy</button>
<div class="exercise admonition" id="ex"><p class="admonition-title">Exercise 1.1 (Smell)</p>
<p>Do it.</p><details class="sd-dropdown"><summary>Hint</summary>
<div>Try hard.</div></details></div>
<details class="admonition folding solution" id="s1"><summary>Solution</summary>
<p>Done <a href="../book/data.html">there</a>.</p></details>
<div class="admonition predict"><p>Guess.</p><details><summary>Reveal</summary>
<div>It was seven.</div></details></div>
<details class="folding"><summary>More</summary><p>Shown.</p></details>
<div class="cell"><details class="admonition hide above-input"><summary>
<p class="collapsed admonition-title">Code of this figure</p>
<p class="expanded admonition-title">Code of this figure</p></summary><pre>plot()</pre></details>
<img src="../_images/b.png" alt="b"></div>
<form class="quiz-question"><fieldset><legend>Which?</legend><label>This</label>
<details class="quiz-answers"><summary>Why</summary><ul><li>Because.</li></ul></details>
</fieldset></form>
"""


@pytest.fixture
def docs(tmp_path: Path) -> list[paper.Document]:
    (tmp_path / "_toc.yml").write_text(TOC)
    for name in ("book/welcome", "book/use", "notebooks/01_a", "book/data", "datasets/one"):
        path = tmp_path / "html" / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        body = CHAPTER if name.startswith("notebooks") else f"<h1 id='top'>{name}</h1>"
        path.write_text(f"<body><nav>x</nav><article class='bd-article'>{body}</article></body>")
    return paper.documents(tmp_path, tmp_path / "html")


def test_pages_come_in_the_readers_order_with_parts_depths_and_titles(docs):
    assert [(one.name, one.part, one.depth) for one in docs] == [
        ("book/welcome", None, 0),
        ("book/use", None, 0),
        ("notebooks/01_a", "Part I", 0),
        ("book/data", "Reference", 0),
        ("datasets/one", None, 1),
    ]
    assert docs[2].title == "1. Noses"


def test_links_lead_within_the_document_and_files_of_the_site_are_no_links(docs):
    chapter = paper.join(docs)[2]
    assert '<a href="#book-data--top">data</a>' in chapter
    assert '<a href="#notebooks-01_a--noses">up</a>' in chapter
    assert '<a href="#book-use">use</a>' in chapter
    assert "<a>file</a>" in chapter
    assert '<a href="https://example.org/x.html">out</a>' in chapter
    assert 'src="/_images/a.png"' in chapter and "lazy" not in chapter
    assert 'id="notebooks-01_a--noses"' in chapter
    assert "<script" not in chapter and "<button" not in chapter and "headerlink" not in chapter


def test_answers_and_folded_code_move_to_the_appendices(docs):
    *_, appendix, code = paper.join(docs)
    chapter = str(docs[2].article)
    for text in ("Try hard.", "Done", "Because.", "It was seven."):
        assert text not in chapter and text in appendix
    assert "Do it." in chapter and "Which?" in chapter and "Guess." in chapter
    assert '<details class="folding" open="">' in chapter, "other boxes are open on paper"
    for number in (1, 2, 3):
        anchor = f"notebooks-01_a-answer-{number}"
        assert f'href="#{anchor}"' in chapter and f'id="{anchor}"' in appendix
    assert '<a href="#book-data">there</a>' in appendix
    assert "plot()" not in chapter and "<pre>plot()</pre>" in code
    assert '<a href="#notebooks-01_a-code-1">Code of this figure</a>' in chapter
    assert 'id="notebooks-01_a-code-1"' in code and 'alt="b"' in chapter
    assert appendix.index("Hint") < appendix.index("Solution")


def test_contents_list_every_page_and_the_appendix_with_its_page(docs):
    listed = pdf.contents(docs, [3, 4, 5, 20, 21, 30, 40])
    assert listed.count('class="entry') == 7
    assert '<a href="#notebooks-01_a">1. Noses</a><span>5</span>' in listed
    assert '<a href="#answers">' in listed and "<span>30</span>" in listed
    assert '<a href="#code">' in listed and "<span>40</span>" in listed
    assert listed.index("Part I") < listed.index("1. Noses") < listed.index("Reference")


def test_a_missing_page_is_named(tmp_path: Path):
    (tmp_path / "_toc.yml").write_text(TOC)
    with pytest.raises(paper.PdfFailed, match="welcome.html is missing; run `make book`"):
        paper.documents(tmp_path, tmp_path / "html")
