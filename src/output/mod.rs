//! What users get: the record types, how figures become records, and the folders a run writes.

mod findings;
mod folder;
mod number;
mod records;
mod summarise;

pub use findings::{
    CleanCommentRecord, CleanPostRecord, CleaningRecord, FindingRecord, RedactionRecord,
    cleaning_record, finding_records, redaction_records,
};
pub use folder::{OutputError, OutputFolder, Pruned, RunSet, SetFile};
pub use number::{Figure, Probability, Rounded};
pub use records::{
    AnswerRecord, Change, ChangeFigure, ClassEvaluation, CommentCounts, CommentRecord, ErrorRecord,
    EvaluationRecord, FigureSet, FoundFigures, Header, InputRecord, Mean, NoData, PostEntry,
    PostFile, PostIdentity, RunRecord, SECTIONS, ScoreRecord, Scoring, SentimentChange,
    SentimentEvaluation, SentimentFigures, SentimentRecord, Share, SummaryFile, TellingComment,
    ThemeFigures, ThemeSetting, ThemesEvaluation, YearEntry, YearFile, schema_of,
};
pub use summarise::{Summariser, score_record};
