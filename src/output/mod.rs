//! What users get: the record types, how figures become records, and the folders a run writes.

mod folder;
mod number;
mod records;
mod summarise;

pub use folder::{OutputError, OutputFolder, Pruned, RunSet, SetFile};
pub use number::{Figure, Probability, Rounded};
pub use records::{
    AnswerRecord, Change, ChangeFigure, ClassEvaluation, CleanCommentRecord, CleanPostRecord,
    CleaningRecord, CommentCounts, CommentRecord, ErrorRecord, EvaluationRecord, FigureSet,
    FindingRecord, FoundFigures, Header, InputRecord, Mean, NoData, PostEntry, PostFile,
    PostIdentity, RedactionRecord, RunRecord, SECTIONS, ScoreRecord, Scoring, SentimentChange,
    SentimentEvaluation, SentimentFigures, SentimentRecord, Share, SummaryFile, TellingComment,
    ThemeFigures, ThemeSetting, ThemesEvaluation, YearEntry, YearFile, schema_of,
};
pub use summarise::{
    Summariser, cleaning_record, finding_records, redaction_records, score_record,
};
