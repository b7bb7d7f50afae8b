using System.Collections.Immutable;
using System.Text;

namespace DeployOps.Smoke.Syntax;

/// <summary>Puts a template together, and remembers where each character of it was written.</summary>
internal sealed class HurlTemplateBuilder
{
    private readonly SourcePosition position;
    private readonly ImmutableArray<HurlTemplatePart>.Builder parts = ImmutableArray.CreateBuilder<HurlTemplatePart>();
    private readonly List<SourcePosition> places = [];
    private readonly StringBuilder text = new();
    private SourcePosition textStart;
    private bool endsLine;

    /// <summary>Starts a template.</summary>
    /// <param name="position">Where it starts.</param>
    public HurlTemplateBuilder(SourcePosition position)
    {
        this.position = position;
        textStart = position;
    }

    /// <summary>Adds characters that were written at one place.</summary>
    public void Append(string characters, SourcePosition at)
    {
        if (text.Length == 0)
        {
            textStart = at;
        }

        text.Append(characters);
        endsLine = characters.EndsWith('\n');
        for (var i = 0; i < characters.Length; i++)
        {
            places.Add(at);
        }
    }

    /// <summary>Adds a variable.</summary>
    public void AppendVariable(string name, bool inJsonText, SourcePosition at)
    {
        EndText();
        parts.Add(new HurlTemplatePart(name, IsVariable: true, inJsonText, at));
    }

    /// <summary>Takes blanks off the end.</summary>
    public void TrimEnd()
    {
        while (text.Length > 0 && text[^1] is ' ' or '\t' or '\r')
        {
            text.Length--;
        }
    }

    /// <summary>Where a character of the text was written; of a text without variables. Behind the last one there is no place in its line where that ends the line.</summary>
    public SourcePosition PlaceOf(int offset) =>
        places.Count == 0 ? position : places[Math.Clamp(offset, 0, places.Count - 1)].Plus(offset >= places.Count && !endsLine ? 1 : 0);

    /// <summary>The template.</summary>
    public HurlTemplate Build()
    {
        EndText();
        return new HurlTemplate(parts.ToImmutable(), position);
    }

    private void EndText()
    {
        if (text.Length > 0)
        {
            parts.Add(new HurlTemplatePart(text.ToString(), IsVariable: false, InJsonText: false, textStart));
            text.Clear();
        }
    }
}
