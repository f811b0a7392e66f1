"""Ordinary English that the model card's scores are measured on: the notebook's paragraph, and three of our own."""

NOTEBOOK_PARAGRAPH = (
    "We think that powerful, significantly superhuman machine intelligence is more likely than not to be created this century. If current machine "
    "learning techniques were scaled up to this level, we think they would by default produce systems that are deceptive or manipulative, and that "
    "no solid plans are known for how to avoid this."
)

OWN_PARAGRAPHS = (
    "The ferry left the harbour at six, as it did every morning, and the gulls followed it as far as the lighthouse. My sister stood at the rail "
    "with a cup of coffee and counted the boats that were coming home. There were eleven of them, she said, and not one had its lights on.",
    "To make the bread, mix the flour with warm water and a little salt, and let it stand under a cloth for an hour. Then fold the dough four "
    "times, turn it over, and let it rest again. The oven should be as hot as it will go; the bread is done when it sounds hollow.",
    "The council voted on Tuesday to keep the old library open until the new one is finished. Several members had asked for a shorter "
    "delay, but the mayor said that the money for the move would not be there before spring, and that the children of the town needed a place to read.",
)
