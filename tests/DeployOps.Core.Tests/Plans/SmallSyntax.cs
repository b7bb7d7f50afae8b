using System.Globalization;
using DeployOps.Plans.Syntax;

namespace DeployOps.Plans;

/// <summary>A few lines' worth of the plan's language, so that tests of the binder can be written as plans with real positions.</summary>
internal sealed class SmallSyntax : IPlanSyntax
{
    public PlanNode? Parse(string text, string path, ICollection<PlanError> errors)
    {
        try
        {
            return new Run(text).Value();
        }
        catch (FormatException)
        {
            errors.Add(new PlanError(path, 1, 1, "", "is no plan."));
            return null;
        }
    }

    private sealed class Run(string text)
    {
        private int at;

        public PlanNode Value()
        {
            Skip();
            var place = Place();
            if (Take("@{"))
            {
                var entries = new List<PlanEntry>();
                while (!Closes('}'))
                {
                    var keyPlace = Place();
                    var key = Word();
                    Skip();
                    Need(Take("="));
                    entries.Add(new PlanEntry(key, keyPlace, Value()));
                }

                return new PlanTable(place, entries);
            }

            if (Take("@("))
            {
                var items = new List<PlanNode>();
                while (!Closes(')'))
                {
                    items.Add(Value());
                }

                return new PlanList(place, items);
            }

            return new PlanScalar(place, Scalar());
        }

        private object? Scalar()
        {
            if (Take("'"))
            {
                var end = text.IndexOf('\'', at);
                Need(end >= 0);
                var value = text[at..end];
                at = end + 1;
                return value;
            }

            var word = Word();
            return word switch
            {
                "$true" => true,
                "$false" => false,
                "$null" => null,
                _ when long.TryParse(word, CultureInfo.InvariantCulture, out var whole) => whole,
                _ when double.TryParse(word, CultureInfo.InvariantCulture, out var number) => number,
                _ => throw new FormatException(),
            };
        }

        private string Word()
        {
            var start = at;
            while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '.' or '-' or '$' or '_'))
            {
                at++;
            }

            Need(at > start);
            return text[start..at];
        }

        private bool Closes(char sign)
        {
            Skip();
            Need(at < text.Length);
            return text[at] == sign && Take(sign.ToString());
        }

        private bool Take(string sign)
        {
            var found = string.CompareOrdinal(text, at, sign, 0, sign.Length) == 0;
            at += found ? sign.Length : 0;
            return found;
        }

        private void Skip()
        {
            while (at < text.Length && (char.IsWhiteSpace(text[at]) || text[at] is ';' or ','))
            {
                at++;
            }
        }

        private PlanPosition Place()
        {
            var before = text.AsSpan(0, at);
            return new PlanPosition(before.Count('\n') + 1, before.Length - before.LastIndexOf('\n'));
        }

        private static void Need(bool holds)
        {
            if (!holds)
            {
                throw new FormatException();
            }
        }
    }
}
